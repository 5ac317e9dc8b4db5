import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.*;

/** Users who look at one product, once, 50 of them a second. */
public class Steady extends Simulation {
  ScenarioBuilder looking = scenario("looking").exec(http("GET /api/v1/products/1").get("/api/v1/products/1"));

  {
    setUp(looking.injectOpen(constantUsersPerSec(50).during(Integer.parseInt(System.getenv("SECONDS_OF_LOAD")))))
        .protocols(http.baseUrl(System.getenv("LOADCELL_TARGET")).disableCaching().shareConnections());
  }
}
