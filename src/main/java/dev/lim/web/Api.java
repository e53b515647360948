package dev.lim.web;

/** Where the service's calls live, and the media types that it speaks. */
public final class Api {

  public static final String ROOT = "/api/v1";
  public static final String NDJSON = "application/x-ndjson";
  public static final String PARQUET = "application/vnd.apache.parquet";
  public static final String MERGE_PATCH = "application/merge-patch+json";

  private Api() {}
}
