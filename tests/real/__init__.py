"""The public set of sales opportunities, taken in through the gateway and asked for its figures."""
