//! The cloud's wire: what the client sends and how it takes what comes, against the emulator in this process.

use std::time::Duration;

use pullprint::{
    emulator::{self, Emulator, Options},
    graph::{
        Certificate, CloudSettings, Credential, GraphClient, GraphError, Signature, TokenSource,
        client_of,
    },
    model::{
        AbortReason, Alter, CloudJobKey, CloudJobState, CloudPrinterId, ConfigurationChange,
        PrintTask, TaskDefinitionId, TaskState,
        configuration::{
            ColorMode, DuplexMode, FeedOrientation, Margin, MultipageLayout, Orientation,
            PageRange, Quality, Scaling,
        },
    },
};
use serde_json::{Value, json};

use crate::world::new_directory;

/// An emulator in this process.
pub(crate) struct Cloud {
    pub(crate) emulator: Emulator,
    pub(crate) directory: std::path::PathBuf,
}

impl Drop for Cloud {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.directory);
        }
    }
}

impl Cloud {
    pub(crate) async fn new(name: &str) -> Self {
        let directory = new_directory(name);
        let options = Options {
            directory: directory.clone(),
            printers: vec!["lobby".into()],
            calm: true,
            seed: 0,
            printer_faults: false,
            record: None,
            print_time: Duration::ZERO,
            empty: false,
            switches: vec![("page-size".into(), "2".into())],
        };
        Self { emulator: emulator::start(options).await.unwrap(), directory }
    }

    pub(crate) fn settings(&self) -> CloudSettings {
        let ca = std::fs::read(&self.emulator.ca_file).unwrap();
        CloudSettings { graph: self.emulator.graph.clone(), ca: Some(ca), proxy: None }
    }

    pub(crate) fn client(&self, credential: Credential) -> GraphClient {
        let settings = self.settings();
        let http = client_of(&settings).unwrap();
        let (tenant, client_id) = (&self.emulator.tenant, &self.emulator.client_id);
        let graph = &self.emulator.graph;
        GraphClient::new(
            &settings,
            TokenSource::new(http, graph, tenant, client_id, graph, credential),
        )
        .unwrap()
    }

    pub(crate) fn with_secret(&self) -> GraphClient {
        self.client(Credential::Secret(self.emulator.secret_file.clone()))
    }

    pub(crate) fn definition(&self) -> TaskDefinitionId {
        TaskDefinitionId::new(self.emulator.task_definition.clone())
    }

    pub(crate) async fn print(&self, title: &str) -> CloudJobKey {
        let url = format!("{}/print", self.emulator.door);
        let request =
            reqwest::Client::new().post(url).query(&[("title", title)]).body("%PDF-1.4 x");
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let id = answer["job"].as_str().unwrap().to_owned();
        CloudJobKey {
            source_printer: CloudPrinterId::new(self.emulator.source_printer.clone()),
            id,
        }
    }

    /// All pages of the tasks.
    pub(crate) async fn tasks(
        &self,
        client: &GraphClient,
        processing_only: bool,
    ) -> Vec<PrintTask> {
        let (mut tasks, mut next) = (Vec::new(), None::<String>);
        loop {
            let page = client
                .list_tasks(&self.definition(), processing_only, next.as_deref())
                .await
                .unwrap();
            tasks.extend(page.tasks);
            next = page.next;
            if next.is_none() {
                return tasks;
            }
        }
    }

    pub(crate) async fn exchanges(&self) -> Vec<Value> {
        reqwest::get(format!("{}/exchanges", self.emulator.door))
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }
}

/// The change of Microsoft's page "Update printJob", all its members.
fn documented_change() -> ConfigurationChange {
    let zero = Some(0);
    ConfigurationChange {
        feed_orientation: Alter::Set(FeedOrientation::LongEdgeFirst),
        page_ranges: Alter::Set(vec![PageRange { start: 1, end: 1 }]),
        quality: Alter::Set(Quality::Medium),
        dpi: Alter::Set(600),
        orientation: Alter::Set(Orientation::Landscape),
        copies: Alter::Set(1),
        duplex_mode: Alter::Set(DuplexMode::OneSided),
        color_mode: Alter::Set(ColorMode::BlackAndWhite),
        input_bin: Alter::Set("by-pass-tray".into()),
        output_bin: Alter::Set("output-tray".into()),
        media_size: Alter::Set("A4".into()),
        margin: Alter::Set(Margin { top: zero, bottom: zero, left: zero, right: zero }),
        media_type: Alter::Set("stationery".into()),
        finishings: Alter::Clear,
        pages_per_sheet: Alter::Set(1),
        multipage_layout: Alter::Set(MultipageLayout::ClockwiseFromBottomLeft),
        collate: Alter::Set(false),
        scaling: Alter::Set(Scaling::ShrinkToFit),
        fit_pdf_to_page: Alter::Set(false),
    }
}

/// The same change as it goes over the wire.
fn documented_body() -> Value {
    json!({"configuration": {
        "feedOrientation": "longEdgeFirst", "pageRanges": [{"start": 1, "end": 1}], "quality": "medium", "dpi": 600,
        "orientation": "landscape", "copies": 1, "duplexMode": "oneSided", "colorMode": "blackAndWhite",
        "inputBin": "by-pass-tray", "outputBin": "output-tray", "mediaSize": "A4",
        "margin": {"top": 0, "bottom": 0, "left": 0, "right": 0}, "mediaType": "stationery", "finishings": null,
        "pagesPerSheet": 1, "multipageLayout": "clockwiseFromBottomLeft", "collate": false, "scaling": "shrinkToFit",
        "fitPdfToPage": false,
    }})
}

#[tokio::test]
async fn the_documented_update_goes_through_client_and_emulator_unchanged() {
    let cloud = Cloud::new("update").await;
    let client = cloud.with_secret();
    let key = cloud.print("letter").await;
    let configuration = client.update_job(&key, &documented_change()).await.unwrap();
    let update =
        cloud.exchanges().await.into_iter().find(|call| call["method"] == "PATCH").unwrap();
    assert_eq!(update["request_body"], documented_body());
    assert_eq!(update["response_body"]["configuration"], documented_body()["configuration"]);
    assert_eq!(
        configuration,
        documented_change().apply(&pullprint::model::JobConfiguration::default())
    );
    let shared =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/update-printjob-request.json");
    if let Ok(text) = std::fs::read_to_string(shared) {
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), documented_body());
    }
}

#[tokio::test]
async fn members_that_are_left_out_keep_their_values_and_null_clears() {
    let cloud = Cloud::new("patch").await;
    let client = cloud.with_secret();
    let key = cloud.print("letter").await;
    client.update_job(&key, &documented_change()).await.unwrap();
    let change = ConfigurationChange {
        copies: Alter::Set(3),
        media_type: Alter::Clear,
        ..Default::default()
    };
    let after = client.update_job(&key, &change).await.unwrap();
    assert_eq!((after.copies, after.media_type, after.dpi), (Some(3), None, Some(600)));
}

#[tokio::test]
async fn a_certificate_signs_in_as_well_as_a_secret() {
    let cloud = Cloud::new("certificate").await;
    let pem = cloud.emulator.certificate_file.clone();
    let client = cloud.client(Credential::Certificate(Certificate {
        file: pem.clone(),
        key: pem,
        password: None,
        signature: Signature::Ps256,
    }));
    assert_eq!(cloud.tasks(&client, true).await, []);
}

#[tokio::test]
async fn a_wrong_secret_is_refused_with_the_clouds_number_and_without_the_secret() {
    let cloud = Cloud::new("secret").await;
    let file = cloud.directory.join("wrong");
    std::fs::write(&file, "hunter2\n").unwrap();
    let client = cloud.client(Credential::Secret(file));
    let error = client.list_tasks(&cloud.definition(), true, None).await.unwrap_err().to_string();
    assert!(error.contains("AADSTS7000215") && !error.contains("hunter2"), "{error}");
}

#[tokio::test]
async fn lists_are_read_to_their_last_page() {
    let cloud = Cloud::new("pages").await;
    let client = cloud.with_secret();
    for i in 0..5 {
        cloud.print(&format!("job-{i}")).await;
    }
    assert_eq!(cloud.tasks(&client, true).await.len(), 5);
    assert_eq!(cloud.tasks(&client, false).await.len(), 5);
}

#[tokio::test]
async fn a_task_is_reported_a_job_aborted_with_and_without_a_reason_and_redirected() {
    let cloud = Cloud::new("calls").await;
    let client = cloud.with_secret();
    let definition = cloud.definition();
    let [done, silent, spoken, moved] = [
        cloud.print("done").await,
        cloud.print("silent").await,
        cloud.print("spoken").await,
        cloud.print("moved").await,
    ];
    let tasks = cloud.tasks(&client, true).await;
    let task =
        |key: &CloudJobKey| tasks.iter().find(|task| task.cloud_job == *key).unwrap().id.clone();
    client.update_task(&definition, &task(&done), true).await.unwrap();
    assert_eq!(client.get_task(&definition, &task(&done)).await.unwrap(), TaskState::Completed);
    client.abort_job(&silent, None).await.unwrap();
    let reason = AbortReason::ByAdministrator("No paper.".into());
    client.abort_job(&spoken, Some(&reason)).await.unwrap();
    assert_eq!(client.get_job(&spoken).await.unwrap().state, CloudJobState::Aborted);
    let other = cloud.other_printer(&client).await;
    client.redirect_job(&moved, &other, &ConfigurationChange::default()).await.unwrap();
    assert!(client.get_job(&moved).await.unwrap().redirected);
    let aborts: Vec<Value> = cloud
        .exchanges()
        .await
        .into_iter()
        .filter(|call| call["path"].as_str().unwrap().ends_with("/abort"))
        .map(|call| call["request_body"].clone())
        .collect();
    assert_eq!(aborts, [Value::Null, json!({"reason": "No paper."})]);
    let error = client.abort_job(&done, None).await.unwrap_err();
    assert!(
        matches!(error, GraphError::Status { status: 400, .. }) && !error.is_doubtful(),
        "{error}"
    );
}

impl Cloud {
    /// A printer to redirect to: the emulator's only other one, found by its refusal of a wrong id.
    async fn other_printer(&self, client: &GraphClient) -> CloudPrinterId {
        let nobody = CloudPrinterId::new("nobody");
        assert!(client.get_printer(&nobody).await.unwrap_err().is_gone());
        let queue = CloudPrinterId::new(self.emulator.source_printer.clone());
        let facts = client.get_printer(&queue).await.unwrap();
        assert_eq!((facts.has_physical_device, facts.has_connectors), (Some(false), Some(false)));
        // Redirecting a job to its own queue is as good as to another printer here.
        queue
    }
}

#[tokio::test]
async fn a_document_comes_from_another_origin_without_the_token() {
    use futures_util::StreamExt;
    let cloud = Cloud::new("download").await;
    let client = cloud.with_secret();
    let key = cloud.print("letter").await;
    let job = client.get_job(&key).await.unwrap();
    // The storage answers 401 to any request that carries a token.
    let document = client.download_document(&key, &job.document.unwrap().id).await.unwrap();
    assert_eq!(document.length, Some(10));
    let chunks: Vec<_> = document.into_stream().collect().await;
    assert_eq!(chunks.into_iter().map(Result::unwrap).collect::<Vec<_>>().concat(), b"%PDF-1.4 x");
}
