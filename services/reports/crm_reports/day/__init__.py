"""The figures of somebody's own day."""
