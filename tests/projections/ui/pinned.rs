projections::pin!(resources::Rooms = "0123456789abcdef");

fn main() {}
