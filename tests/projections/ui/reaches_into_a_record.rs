projections::project! {
    struct Contact from people { home.city as city: Option<String> }
}

fn main() {}
