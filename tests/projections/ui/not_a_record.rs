projections::project! {
    struct Contact from people { addresses: Home { city } }
}

fn main() {}
