"""How a card can be reached and recognised: its phones and e-mails."""
