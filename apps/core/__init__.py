"""The shared kernel, without a domain noun: clock, actor, command wrapper, errors, triggers."""
