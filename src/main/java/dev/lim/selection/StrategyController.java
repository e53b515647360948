package dev.lim.selection;

import dev.lim.web.Api;
import dev.lim.web.Query;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Service")
class StrategyController {

  private final Strategies strategies;

  StrategyController(Strategies strategies) {
    this.strategies = strategies;
  }

  @Schema(name = "StrategyList")
  record Answer(List<Strategy.Description> items) {}

  @GetMapping(path = Api.ROOT + "/strategies", produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      operationId = "listStrategies",
      summary = "The catalogue of strategies",
      description =
          """
          Every rule that `strategy` accepts on every call that scores: when to use it, its formula, its own parameters \
          (give them by name beside the others, as in `strategy=random&seed=7`), values that others have used, and where \
          it comes from.\
          """)
  Answer strategies(HttpServletRequest request) {
    Query.of(request).done();
    return new Answer(strategies.descriptions());
  }
}
