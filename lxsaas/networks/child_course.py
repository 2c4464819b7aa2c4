"""Referrals in a child's whole file; mandatory reports stay out of it (docs/privacy.md)."""

from lxsaas.networks import registers
from lxsaas.pupils.whole_file import add_part
from lxsaas.registers.child_part import part_of_register

for register in (registers.REFERRALS, registers.REFERRAL_STEPS):
    add_part(part_of_register(register))
