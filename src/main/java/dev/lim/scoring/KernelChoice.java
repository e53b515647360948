package dev.lim.scoring;

/** Which kernel is to run. */
public enum KernelChoice {

  /** The Vector API where its module is there; else plain Java, with a warning. */
  AUTO,

  /** The Vector API, or not at all. */
  VECTOR,

  /** Plain Java. */
  PLAIN
}
