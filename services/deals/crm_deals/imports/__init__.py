"""Products and deals of a customer's old system, row by row: what each row means here, and what is written for it."""
