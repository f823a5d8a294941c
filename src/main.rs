//! The program: its commands are the table of contents.

fn main() {}
