"""Voice and SMS by Twilio, for places outside China."""
