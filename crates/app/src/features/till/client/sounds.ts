/**
 * Two sounds that a seller knows without looking: a code that nobody knows,
 * and a charge that was refused.
 *
 * Owns: their pitch and length. Must not know: when they are played.
 */

import type { Sound } from "./world.ts";

const TONES: Readonly<Record<Sound, readonly { hertz: number; fromSeconds: number; seconds: number }[]>> = {
  unknown: [{ hertz: 220, fromSeconds: 0, seconds: 0.14 }, { hertz: 180, fromSeconds: 0.18, seconds: 0.22 }],
  refused: [{ hertz: 160, fromSeconds: 0, seconds: 0.35 }],
};

let context: AudioContext | null = null;

/** Silent where the browser has no sound or has not been touched yet. */
export function playSound(sound: Sound): void {
  try {
    context ??= new AudioContext();
    for (const tone of TONES[sound]) playTone(context, tone.hertz, context.currentTime + tone.fromSeconds, tone.seconds);
  } catch {
    context = null;
  }
}

function playTone(audio: AudioContext, hertz: number, at: number, seconds: number): void {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.type = "square";
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0.12, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + seconds);
}
