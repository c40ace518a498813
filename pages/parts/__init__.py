"""What few lessons share, or one of them keeps beside its page: controls of a kind, own data, evidence."""
