"""A question that is asked after another one."""
