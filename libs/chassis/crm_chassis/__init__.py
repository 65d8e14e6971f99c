"""How any service runs. Holds no noun of the business; see README.md beside this package."""
