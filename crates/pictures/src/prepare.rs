//! From what was sent to what is kept.

use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, codecs::jpeg::JpegEncoder,
    imageops::FilterType,
};
use std::io::Cursor;

use crate::jpeg;

/// The longest file that is looked at.
pub const BYTES_MAX: usize = 5 * 1024 * 1024;
/// The most pixels that are decoded: a telephone's camera has fewer.
pub const PIXELS_MAX: u64 = 40_000_000;
/// What a decoder may allocate: the pixels of the largest photo, four bytes each, and
/// as much again for what it needs meanwhile.
const MEMORY_BYTES_MAX: u64 = 320 * 1024 * 1024;
/// The longest side of the picture for lists and tills.
pub const SMALL_SIDE: u32 = 256;
/// The longest side of the picture that is looked at.
pub const LARGE_SIDE: u32 = 1_024;
/// Above it a JPEG grows and looks the same.
const QUALITY: u8 = 82;

/// A picture in the two sizes that are kept, both JPEG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// At most [`SMALL_SIDE`] wide and high.
    pub small: Vec<u8>,
    /// At most [`LARGE_SIDE`] wide and high.
    pub large: Vec<u8>,
}

/// Why a file was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is longer than [`BYTES_MAX`].
    TooLong,
    /// Its content is neither JPEG, PNG nor WebP, whatever it is called.
    WrongKind,
    /// It has more than [`PIXELS_MAX`] pixels, or needs too much memory.
    TooManyPixels,
    /// It breaks off, or is otherwise not what it says.
    Broken,
}

/// Decodes, turns upright, makes smaller, encodes anew. Takes up to some seconds and
/// some hundred megabytes: callers run few at once.
///
/// # Errors
/// The reasons of [`Refused`].
pub fn prepare(bytes: &[u8]) -> Result<Prepared, Refused> {
    if bytes.len() > BYTES_MAX {
        return Err(Refused::TooLong);
    }
    let pixels = decode(bytes)?;
    let large = fit(pixels, LARGE_SIDE);
    let large_jpeg = encode(&large)?;
    let small_jpeg = encode(&fit(DynamicImage::ImageRgb8(large), SMALL_SIDE))?;
    Ok(Prepared { small: small_jpeg, large: large_jpeg })
}

/// The format by the first bytes, which no name and no header of a request decides.
fn format(bytes: &[u8]) -> Result<ImageFormat, Refused> {
    match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) => Ok(format),
        _ => Err(Refused::WrongKind),
    }
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, Refused> {
    let format = format(bytes)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    // Said by the header alone, before anything is decoded.
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(Refused::TooManyPixels);
    }
    if width == 0 || height == 0 || (format == ImageFormat::Jpeg && !jpeg::is_whole(bytes)) {
        return Err(Refused::Broken);
    }
    let orientation = decoder.orientation().map_err(refused)?;
    let mut pixels = DynamicImage::from_decoder(decoder).map_err(refused)?;
    pixels.apply_orientation(orientation);
    Ok(pixels)
}

fn refused(error: ImageError) -> Refused {
    match error {
        ImageError::Limits(_) => Refused::TooManyPixels,
        _ => Refused::Broken,
    }
}

/// At most so wide and high, never larger than it was, on white where it was clear.
fn fit(pixels: DynamicImage, side: u32) -> RgbImage {
    let fits = pixels.width() <= side && pixels.height() <= side;
    let pixels = if fits { pixels } else { pixels.resize(side, side, FilterType::CatmullRom) };
    if !pixels.color().has_alpha() {
        return pixels.into_rgb8();
    }
    let clear = pixels.into_rgba8();
    let (width, height) = clear.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let [red, green, blue, alpha] = clear.get_pixel(x, y).0;
        image::Rgb([red, green, blue].map(|channel| on_white(channel, alpha)))
    })
}

/// JPEG has no transparency; paper is white.
fn on_white(channel: u8, alpha: u8) -> u8 {
    let (channel, alpha) = (u32::from(channel), u32::from(alpha));
    let mixed = (channel * alpha + 255 * (255 - alpha) + 127) / 255;
    u8::try_from(mixed).expect("a mean of two bytes is a byte")
}

fn encode(pixels: &RgbImage) -> Result<Vec<u8>, Refused> {
    let mut jpeg = Vec::new();
    // Memory takes all that is written to it, and the sides are small: only a defect ends here.
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(pixels).map_err(refused)?;
    Ok(jpeg)
}
