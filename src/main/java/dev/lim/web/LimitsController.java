package dev.lim.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@EnableConfigurationProperties(Limits.class)
@Tag(name = "Service")
class LimitsController {

  private final Limits limits;

  LimitsController(Limits limits) {
    this.limits = limits;
  }

  @GetMapping(path = Api.ROOT + "/limits", produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "getLimits",
      summary = "The limits in force",
      description =
          "How large a request may be. Beyond a limit the answer is a problem that names it: 413 for bytes,"
              + " 400 for JSON depth and an epoch in the path, 422 for what a body holds.")
  Limits limits(HttpServletRequest request) {
    Query.of(request).done();
    return limits;
  }
}
