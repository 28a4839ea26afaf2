//! Explanations: every number from a contribution to the payment, and that it adds up.

mod command;
mod community;
mod outcomes;
mod real_export;
mod rule_books;
mod tampering;
mod texts;
mod unpaid;
