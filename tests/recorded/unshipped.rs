//! APIs for which no spec is shipped: their lists are in the fixture `recorded.yaml`.

use recorded::Client;

use super::walk::{Walk, walk};

fn client(address: String) -> Client {
    Client::builder().base_url(address).build().expect("an address is all it takes")
}

/// What a list is asked for anyway where nothing is said.
const DEFAULTS: &[&str] = &["skip", "limit", "offset", "page"];
const NONE: &[&str] = &[];

/// One line a walk.
pub fn walks() -> Vec<Walk> {
    macro_rules! walks {
        ($($recording:literal $at:tt $selector:literal $further:ident => $list:ident($($argument:expr),*)$(.$set:ident($($value:expr),*))*;)*) => {
            vec![$(walk!($recording, $at, $selector, $further, client, |c| c.$list($($argument),*)$(.$set($($value),*))*)),*]
        };
    }
    walks! {
        "contentful/array-endpoints" [0] "items" DEFAULTS => contentful_content_types("cfexampleapi");
        "contentful/array-endpoints" [1] "items" DEFAULTS => contentful_entries("cfexampleapi");
        "contentful/array-endpoints" [2] "items" DEFAULTS => contentful_assets("cfexampleapi");
        "contentful/assets" [0] "items" DEFAULTS => contentful_assets("cfexampleapi");
        "contentful/content-types" [0] "items" DEFAULTS => contentful_content_types("cfexampleapi");
        "contentful/entries" [0] "items" DEFAULTS => contentful_entries("cfexampleapi");
        "contentful/entry-not-found" [0] "items" DEFAULTS => contentful_entries("cfexampleapi").sys_id("foobar");
        "contentful/sync" [0] "items" NONE => contentful_sync("cfexampleapi");
        "contentful/taxonomy-concepts" [0] "items" NONE => contentful_concepts("o4h6g9w3pooi");
        "dnsimple/listcontacts-success" [0] "data" DEFAULTS => dnsimple_records("listContacts");
        "dnsimple/listdomains-success" [0] "data" DEFAULTS => dnsimple_records("listDomains");
        "dnsimple/listtemplates-success" [0] "data" DEFAULTS => dnsimple_records("listTemplates");
        "dnsimple/listzonerecords-success" [0] "data" DEFAULTS => dnsimple_records("listZoneRecords");
        "dnsimple/listzones-success" [0] "data" DEFAULTS => dnsimple_records("listZones");
        "dnsimple/fixtures-http-pages" [0, 1, 2] "data" DEFAULTS => dnsimple_records("fixtures.http");
        "hubspot/add-contacts-to-lists" [0] "lists" NONE => hubspot_static_lists().count(3);
        "hubspot/add-contacts-to-lists" [2] "contacts" NONE => hubspot_list_contacts("4").count(1).property("email");
        "hubspot/add-contacts-to-lists" [7] "contacts" NONE => hubspot_list_contacts("all").count(1);
        "hubspot/add-contacts-to-lists" [3] "lists" NONE => hubspot_dynamic_lists().count(1);
        "hubspot/all-deal-pipelines" [1] "" NONE => hubspot_deal_pipelines();
        "hubspot/blog-list" [1] "objects" DEFAULTS => hubspot_blogs();
        "hubspot/find-all-recent-contacts" [0] "contacts" NONE => hubspot_recent_contacts("recently_updated");
        "hubspot/find-all-recent-created-contacts" [0] "contacts" NONE => hubspot_recent_contacts("all");
        "hubspot/hubspot-company-all-with-an-offset-has-an-offset" [1] "companies" NONE => hubspot_companies().param("offset", "1897400098");
        "hubspot/hubspot-company-all-with-no-options-has-an-offset" [0] "companies" NONE => hubspot_companies();
        "hubspot/hubspot-contact-search-when-the-query-returns-no-contacts-does-not-have-a-next-p" [0] "contacts" NONE => hubspot_contact_search().q("123xyz");
        "linode/examplelistimages-all" [0] "data" NONE => linode_images();
        "linode/examplelistkernels-all" [0, 1, 2, 3] "data" NONE => linode_kernels();
        "linode/examplelistlongviewsubscriptions-page1" [0] "data" NONE => linode_subscriptions();
        "linode/examplelisttypes-all" [0] "data" NONE => linode_types();
        "linode/testaccountlogins-list" [0] "data" NONE => linode_account_logins();
        "linode/testdomains-list" [1] "data" NONE => linode_domains();
        "linode/testprofilelogins-list" [0] "data" NONE => linode_profile_logins();
        "linode/testregions-list" [0] "data" NONE => linode_regions();
        "spotify/album-find-2js3lkzajwpd656nk7zajx-tracks" [0] "items" NONE => spotify_album_tracks("2js3lkzAjWpD656NK7ZaJX").limit(50).offset(50);
        "spotify/album-find-2js3lkzajwpd656nk7zajx-tracks-market-es" [0] "items" NONE => spotify_album_tracks("2js3lkzAjWpD656NK7ZaJX").limit(50).offset(50).market("ES");
        "spotify/artist-7ln80lus6he07xvhi8qqhh-albums-limit-20-offset-0" [0] "items" NONE => spotify_artist_albums("7Ln80lUS6He07XvHI8qqHH").limit(20).offset(0);
        "spotify/category-list" [0] "categories.items" NONE => spotify_categories().limit(20).offset(0);
        "spotify/category-party-playlists" [0] "playlists.items" NONE => spotify_category_playlists("party").limit(20).offset(0);
        "spotify/category-party-playlists-limit-10-offset-20" [0] "playlists.items" NONE => spotify_category_playlists("party").limit(10).offset(20);
        "spotify/playlist-browse-featured-limit-10-offset-10" [0] "playlists.items" NONE => spotify_featured_playlists().limit(10).offset(10);
        "strava/activity-comments-page-size-3-by-2" [0, 1] "" NONE => strava_comments("15605032352").page_size(2);
        "strava/activity-comments-per-page-3-by-2" [0] "" NONE => strava_comments_by_page("15605032352").per_page(2);
        "strava/all-activity-comments-by-1" [0, 1, 2, 3] "" NONE => strava_comments("15605032352").page_size(1);
        "strava/all-activity-comments-by-2" [0, 1] "" NONE => strava_comments("15605032352").page_size(2);
        "strava/all-activity-comments-by-3" [0, 1] "" NONE => strava_comments("15605032352").page_size(3);
        "strava/all-club-activities" [0, 1, 2, 3, 4] "" NONE => strava_club_activities("209437");
        "trello/can-get-actions-of-list" [1] "" NONE => trello_actions("5f52526ebda8ea4a96445dbf");
        "trello/can-get-cards-of-list" [1] "" NONE => trello_cards("5e94fa1248c5e41ad0464a7f");
        "trello/can-get-lists-of-board" [1] "" NONE => trello_lists("5e93ba98614ac22d22f085c4");
    }
}
