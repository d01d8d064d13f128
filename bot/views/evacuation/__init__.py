"""What evacuation cards say: in chat, on the wall."""
