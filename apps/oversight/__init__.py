"""The program's own work: queues, who does what, deviations, reports. It owns no evidence."""
