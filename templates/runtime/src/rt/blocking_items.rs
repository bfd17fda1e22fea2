//! blocking_items
