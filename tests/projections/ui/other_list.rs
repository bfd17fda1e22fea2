projections::project! {
    struct Contact from people { id }
}

fn main() {
    let client = projections::Client::builder().build().unwrap();
    let _ = client.rooms().project::<Contact>();
}
