projections::project! {
    struct Contact from people { tags: [Tag { name }] }
}

fn main() {}
