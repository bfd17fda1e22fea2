//! blocking_driver
