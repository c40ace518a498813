"""What all lessons share: the frame, controls as data, the live component, the words."""
