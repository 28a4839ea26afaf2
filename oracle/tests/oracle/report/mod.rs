//! The report of an epoch: what it refuses, what its files have in them, and how its pages look to a
//! browser.

mod browser;
mod command;
mod files;
mod pages;
mod refusals;
mod sample;
mod texts;
