//! What is taken and what becomes of it, and files that mean harm.

use crate::{BYTES_MAX, LARGE_SIDE, Prepared, Refused, SMALL_SIDE, prepare};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::io::Cursor;

/// Red on the left, blue on the right.
fn halves(width: u32, height: u32) -> DynamicImage {
    let red_and_blue = |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) };
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, red_and_blue))
}

fn encoded(pixels: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG with a segment of EXIF that says how it was held, and where.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"GPS 4.6097 N 74.0817 W");
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

fn opened(jpeg: &[u8]) -> RgbImage {
    assert_eq!(image::guess_format(jpeg).unwrap(), ImageFormat::Jpeg);
    image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap().into_rgb8()
}

fn is_near(pixel: Rgb<u8>, wanted: [u8; 3]) -> bool {
    pixel.0.into_iter().zip(wanted).all(|(is, wanted)| is.abs_diff(wanted) < 40)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn each_format_becomes_two_jpegs_that_keep_the_proportions() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let Prepared { small, large } = prepare(&encoded(&halves(2_000, 1_000), format)).unwrap();
        assert_eq!(opened(&small).dimensions(), (SMALL_SIDE, SMALL_SIDE / 2), "{format:?}");
        assert_eq!(opened(&large).dimensions(), (LARGE_SIDE, LARGE_SIDE / 2), "{format:?}");
        let shown = opened(&small);
        assert!(is_near(*shown.get_pixel(20, 60), [255, 0, 0]), "{format:?}");
        assert!(is_near(*shown.get_pixel(230, 60), [0, 0, 255]), "{format:?}");
    }
}

#[test]
fn a_small_picture_stays_as_small_as_it_was() {
    let Prepared { small, large } = prepare(&encoded(&halves(60, 30), ImageFormat::Png)).unwrap();
    assert_eq!((opened(&small).dimensions(), opened(&large).dimensions()), ((60, 30), (60, 30)));
}

#[test]
fn a_photo_taken_sideways_stands_upright_and_tells_no_longer_where() {
    let jpeg = encoded(&halves(400, 200), ImageFormat::Jpeg);
    for (orientation, wide, first_is) in [
        (1, true, [255, 0, 0]),
        (3, true, [0, 0, 255]),
        (6, false, [255, 0, 0]),
        (8, false, [0, 0, 255]),
        (99, true, [255, 0, 0]),
    ] {
        let sent = with_exif(&jpeg, orientation);
        assert!(contains(&sent, b"GPS"));
        let Prepared { small, large } = prepare(&sent).unwrap();
        let shown = opened(&small);
        assert_eq!(shown.width() > shown.height(), wide, "orientation {orientation}");
        assert!(is_near(*shown.get_pixel(10, 10), first_is), "orientation {orientation}");
        for kept in [&small, &large] {
            assert!(!contains(kept, b"GPS") && !contains(kept, b"Exif"), "orientation {orientation}");
        }
    }
}

#[test]
fn what_was_clear_becomes_white() {
    let clear = RgbaImage::from_fn(64, 64, |x, _| if x < 32 { Rgba([0, 0, 0, 0]) } else { Rgba([0, 128, 0, 255]) });
    let Prepared { small, .. } = prepare(&encoded(&DynamicImage::ImageRgba8(clear), ImageFormat::Png)).unwrap();
    let shown = opened(&small);
    assert!(is_near(*shown.get_pixel(8, 8), [255, 255, 255]) && is_near(*shown.get_pixel(56, 8), [0, 128, 0]));
}

#[test]
fn what_was_hidden_behind_a_picture_is_gone() {
    let script = b"<html><script>alert(document.cookie)</script></html>";
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let sent = [&encoded(&halves(80, 40), format)[..], script].concat();
        let Prepared { small, large } = prepare(&sent).unwrap();
        assert!(!contains(&small, b"<script") && !contains(&large, b"<script"), "{format:?}");
    }
}

#[test]
fn a_file_that_breaks_off_is_broken_wherever_it_does() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        // Noise, so that every part of the file carries pixels.
        let noise = RgbImage::from_fn(120, 90, |x, y| {
            let byte = |n: u32| u8::try_from((x * 7_919 + y * 104_729 + n * 31) % 251).unwrap();
            Rgb([byte(1), byte(2), byte(3)])
        });
        let whole = encoded(&DynamicImage::ImageRgb8(noise), format);
        assert!(prepare(&whole).is_ok());
        for percent in [1, 3, 10, 30, 50, 80, 95, 98] {
            let cut = &whole[..whole.len() * percent / 100];
            let refused = prepare(cut).unwrap_err();
            assert!(matches!(refused, Refused::Broken | Refused::WrongKind), "{format:?} {percent} %: {refused:?}");
        }
    }
}

#[test]
fn an_end_inside_the_embedded_thumbnail_is_not_the_pictures_end() {
    let jpeg = encoded(&halves(400, 200), ImageFormat::Jpeg);
    let mut sent = with_exif(&jpeg, 1);
    let at = sent.windows(3).position(|window| window == b"GPS").unwrap();
    sent[at..at + 2].copy_from_slice(&[0xFF, 0xD9]);
    assert!(prepare(&sent).is_ok());
    assert_eq!(prepare(&sent[..sent.len() - 2]), Err(Refused::Broken));
}

#[test]
fn only_pictures_are_taken_whatever_they_are_called() {
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
    let cases: [&[u8]; 8] = [b"", b"\xFF", b"hola", b"<!doctype html><h1>hola", svg, gif, b"%PDF-1.7", b"BM\0\0\0\0"];
    for bytes in cases {
        assert_eq!(prepare(bytes), Err(Refused::WrongKind), "{bytes:?}");
    }
    for begins in [&b"\x89PNG\r\n\x1a\n"[..], b"\xFF\xD8\xFF\xE0", b"RIFF\x10\0\0\0WEBP"] {
        let polyglot = [begins, b"<html><script>alert(1)</script>"].concat();
        assert_eq!(prepare(&polyglot), Err(Refused::Broken), "{begins:?}");
    }
}

/// A PNG's head that promises so many pixels, with its checksum right.
fn png_head(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 2, 0, 0, 0]);
    let mut checksum = !0_u32;
    for byte in &chunk {
        checksum ^= u32::from(*byte);
        for _ in 0..8 {
            checksum = if checksum & 1 == 1 { checksum >> 1 ^ 0xEDB8_8320 } else { checksum >> 1 };
        }
    }
    let start = b"\x89PNG\r\n\x1a\n\0\0\0\x0d";
    [&start[..], &chunk, &(!checksum).to_be_bytes(), b"\0\0\0\0IDAT\x35\xaf\x06\x1e"].concat()
}

#[test]
fn a_bomb_is_refused_by_its_head_alone() {
    assert_eq!(prepare(&png_head(100_000, 100_000)), Err(Refused::TooManyPixels));
    assert_eq!(prepare(&png_head(u32::MAX >> 1, 1)), Err(Refused::TooManyPixels));
    assert_eq!(prepare(&png_head(8_000, 5_001)), Err(Refused::TooManyPixels));
    assert_eq!(prepare(&png_head(8_000, 5_000)), Err(Refused::Broken), "as many pixels as allowed, and none there");
    // Megabytes of one colour in a file of kilobytes: taken, because it is within the limit.
    let flat = encoded(&DynamicImage::new_luma8(6_000, 4_000), ImageFormat::Png);
    assert!(flat.len() < 500_000, "{}", flat.len());
    assert!(prepare(&flat).is_ok());
    let mut jpeg = encoded(&halves(80, 40), ImageFormat::Jpeg);
    let sides = jpeg.windows(2).position(|window| window == [0xFF, 0xC0]).unwrap() + 5;
    jpeg[sides..sides + 4].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF]);
    assert_eq!(prepare(&jpeg), Err(Refused::TooManyPixels));
}

#[test]
fn a_file_that_is_too_long_is_not_looked_at() {
    assert_eq!(prepare(&vec![0; BYTES_MAX + 1]), Err(Refused::TooLong));
    assert_eq!(prepare(&vec![0; BYTES_MAX]), Err(Refused::WrongKind));
}

#[test]
fn no_changed_byte_of_a_file_makes_it_panic() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = encoded(&halves(40, 30), format);
        for at in 0..whole.len() {
            for change in [0x00, 0xFF, whole[at].wrapping_add(1)] {
                let mut changed = whole.clone();
                changed[at] = change;
                // Either answer will do; that there is one is the point.
                let _ = prepare(&changed);
            }
        }
    }
}
