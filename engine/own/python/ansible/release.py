"""The version of ansible-core whose protocol Drydock speaks."""

__version__ = '2.19.11'
__author__ = 'Drydock'
__codename__ = 'drydock'
