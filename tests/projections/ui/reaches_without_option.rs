projections::project! {
    struct Contact from people { notes.plan as plan: String }
}

fn main() {}
