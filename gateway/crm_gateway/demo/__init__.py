"""Demo mode: whom a visitor can be, and the way out of it. Outside demo mode none of it is there."""
