"""Reusable phases, one module each: what programmes are made of.

A phase brings its states, its events, its data and its rules; what differs from one programme to the next it takes as
parameters, and who may do what is among them. Import each by its module, ``from progflow.states.selection import
Selection``. Where a rule comes from law or from a published programme, its docstring says so; what is called an
assumption is a default that can be set otherwise, by a parameter or by overriding it in a subclass. Nothing here is
legal advice.

What phases share and is no phase stands beside them: ``people`` (roles, causes), ``changes`` (a day that was moved),
``deadlines``, ``span`` (how long a timed phase lasts), ``assignment`` (the best match of many).
"""
