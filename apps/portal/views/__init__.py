"""The pages' views, one module a task: parse, one service call, redirect or present."""
