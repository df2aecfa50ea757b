"""What a PyNN backend must give, checked against closed forms and an independent reference."""
