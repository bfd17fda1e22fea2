// `next` is the crate of a later version of the spec, which has no `age` any more.
next::project! {
    struct Contact from people { id, age }
}

fn main() {}
