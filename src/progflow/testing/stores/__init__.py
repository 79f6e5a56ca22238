"""The promises of ``progflow.ports`` as tests: every adapter runs them."""
