"""The distributional safety sandbox: what would these rules do to a population, before it adopts them?"""
