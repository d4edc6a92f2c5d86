"""Many runs of one scenario under different settings, and what the settings did."""
