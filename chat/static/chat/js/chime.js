/** A short sound, made here: two notes. */

/** Their pitches, in hertz, each for so long, in seconds. */
const [NOTES, LENGTH] = [[880, 1174.66], 0.14];
/** How loud they are at most, of 1. */
const LOUD = 0.12;
/** No sooner after the last one, in milliseconds: who says ten things at once is one sound. */
const PAUSE = 2000;

/** @type {AudioContext | null} */
let audio = null;
let rungAt = -Infinity;

/** Play it, where the browser lets us: it does once the person has done something in this tab. */
export async function ring() {
  if (performance.now() - rungAt < PAUSE) return;
  rungAt = performance.now();
  try {
    const here = (audio ??= new AudioContext());
    await here.resume();
    NOTES.forEach((pitch, index) => play(here, pitch, here.currentTime + index * LENGTH));
  } catch {
    // There is no sound here.
  }
}

/** @type {(audio: AudioContext, pitch: number, start: number) => void} */
function play(audio, pitch, start) {
  const [tone, volume] = [new OscillatorNode(audio, { frequency: pitch }), new GainNode(audio, { gain: 0 })];
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(LOUD, start + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + 2 * LENGTH);
  tone.connect(volume).connect(audio.destination);
  tone.start(start);
  tone.stop(start + 2 * LENGTH);
}
