//! json_write
