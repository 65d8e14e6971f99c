"""The doors of PBXs and SMS gateways."""
