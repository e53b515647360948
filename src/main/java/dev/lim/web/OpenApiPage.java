package dev.lim.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.springdoc.core.properties.SwaggerUiConfigProperties;
import org.springdoc.core.properties.SwaggerUiOAuthProperties;
import org.springdoc.core.providers.ObjectMapperProvider;
import org.springdoc.webmvc.ui.SwaggerIndexPageTransformer;
import org.springdoc.webmvc.ui.SwaggerWelcomeCommon;
import org.springframework.core.io.Resource;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.resource.ResourceTransformerChain;
import org.springframework.web.servlet.resource.TransformedResource;

/**
 * Swagger UI takes every media type with "json" in its name for JSON, and would send an NDJSON
 * example as one quoted string: here it is shown and sent as it is. The address of the example
 * document that Swagger UI comes with goes, too.
 */
@Component
class OpenApiPage extends SwaggerIndexPageTransformer {

  private static final String PLUGINS = "SwaggerUIBundle.plugins.DownloadUrl";

  private static final String NDJSON_AS_IT_IS =
      """
      ,
            () => ({
              afterLoad() {
                const sample = this.fn.getSampleSchema;
                this.fn.getSampleSchema = (schema, type, config, example) =>
                  /ndjson/.test(type) && typeof example === "string"
                    ? example
                    : sample(schema, type, config, example);
              }
            })\
      """;

  OpenApiPage(
      SwaggerUiConfigProperties configuration,
      SwaggerUiOAuthProperties oauth,
      SwaggerWelcomeCommon welcome,
      ObjectMapperProvider mappers) {
    super(configuration, oauth, welcome, mappers);
  }

  @Override
  public Resource transform(
      HttpServletRequest request, Resource resource, ResourceTransformerChain chain)
      throws IOException {
    Resource transformed = super.transform(request, resource, chain);
    if (!"swagger-initializer.js".equals(resource.getFilename())) {
      return transformed;
    }
    String script =
        transformed
            .getContentAsString(StandardCharsets.UTF_8)
            .replaceFirst(" *url: \"https://[^\"]*\",\n", "")
            .replace(PLUGINS, PLUGINS + NDJSON_AS_IT_IS);
    return new TransformedResource(transformed, script.getBytes(StandardCharsets.UTF_8));
  }
}
