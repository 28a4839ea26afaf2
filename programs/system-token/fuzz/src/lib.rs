//! What the fuzz targets share.

pub mod chain;
pub mod memory;
