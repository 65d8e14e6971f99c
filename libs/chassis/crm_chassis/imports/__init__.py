"""Files of a customer's old system taken in: read, mapped, tried dry, written on the bulk lane, given back.

Owns the job and its rows. Must never know what a row means: that is the `Kind` of the service that owns the noun.
"""
