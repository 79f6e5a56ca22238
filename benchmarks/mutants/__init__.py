"""How well one line tests a programme: each shipped rule is changed in turn, and the kit is asked whether it notices.

``source`` reads the programmes and their phases, the modules under ``operators`` change one rule of them at a time,
``mutated`` puts a changed module in the place of the shipped one, in a process of its own. ``analysis`` says what kind
of rule it is, ``witness`` looks for a test that shows that the change is one, ``choice`` takes a fair part of them, and
``runs`` asks the kit. ``python -m benchmarks.mutants --help`` says how to use it.
"""
