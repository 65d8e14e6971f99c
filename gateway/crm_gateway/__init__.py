"""The only door: sign-in, rights, proxy, composed screens, live stream, parked webhooks."""
