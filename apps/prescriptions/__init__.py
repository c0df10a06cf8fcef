"""The ledger of one prescription's life: authorization, confirmation, dispense. Never decides."""
