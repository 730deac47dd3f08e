//! What kind of bytes a document is.
//!
//! Deliberately absent: how a kind is recognized (`document::format`).

/// A document format that we can name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DocumentFormat {
    /// `application/pdf`.
    Pdf,
    /// `application/oxps`: what Windows usually leaves in the cloud.
    Oxps,
    /// `application/vnd.ms-xpsdocument`: the older sister of OXPS.
    Xps,
    /// `image/pwg-raster`.
    PwgRaster,
    /// `image/urf`.
    Urf,
    /// `image/jpeg`.
    Jpeg,
    /// `image/png`.
    Png,
    /// `application/postscript`.
    PostScript,
    /// `application/vnd.hp-PCL`.
    Pcl,
    /// A MIME type that only its label told us.
    Other(String),
}

impl DocumentFormat {
    const NAMES: &[(Self, &'static str)] = &[
        (Self::Pdf, "application/pdf"),
        (Self::Oxps, "application/oxps"),
        (Self::Xps, "application/vnd.ms-xpsdocument"),
        (Self::PwgRaster, "image/pwg-raster"),
        (Self::Urf, "image/urf"),
        (Self::Jpeg, "image/jpeg"),
        (Self::Png, "image/png"),
        (Self::PostScript, "application/postscript"),
        (Self::Pcl, "application/vnd.hp-pcl"),
    ];

    /// The MIME type, as IPP "document-format" and Graph `contentType` spell it.
    pub fn mime(&self) -> &str {
        match self {
            Self::Other(mime) => mime,
            known => {
                Self::NAMES.iter().find(|(format, _)| format == known).map_or("", |(_, mime)| mime)
            }
        }
    }

    /// The format of a MIME type; parameters and letter case do not matter.
    pub fn from_mime(mime: &str) -> Self {
        let bare = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        Self::NAMES
            .iter()
            .find(|(_, name)| *name == bare)
            .map_or_else(|| Self::Other(bare.clone()), |(format, _)| format.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mime_type_reads_back_whatever_its_case_and_parameters() {
        for (format, mime) in DocumentFormat::NAMES {
            assert_eq!(
                DocumentFormat::from_mime(&format!("{}; x=y", mime.to_uppercase())),
                *format
            );
            assert_eq!(format.mime(), *mime);
        }
    }
}
