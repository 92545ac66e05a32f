"""What every setting of a scenario is about: how it is perturbed, and which published facts it may act on."""
