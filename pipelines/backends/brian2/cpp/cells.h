// The time step of each kind of cell, integrated as the NEST model of the same equations.
// Units: mV, ms, pA, pF, nS.
//
// The values of a cell are columns of a table: those of `Cell`, then the state variables, then sums
// of arriving weights, then the parameters, in the order of each kind's enum (`cell_kinds.py`).

const int UNSTABLE = -1, TWO_SPIKES = -2;  // what `step` gives beside 0 (no spike) and 1

template <int N, int ARRIVING, int PARAMETERS>
struct Cell {
  enum { STATES = N };
  double step_size, refractory_left, injected, refractory_steps;
  double y[N], arriving[ARRIVING], p[PARAMETERS];

  int size() const { return N; }
  double absolute() const { return 1e-3; }
  double relative() const { return 0.0; }

  void load(double *const *columns, long i, double dt, int)
  {
    load_some(columns, i, dt, N, ARRIVING, PARAMETERS);
  }

  void store(double *const *columns, long i) const { store_some(columns, i, N, ARRIVING); }

  void load_some(double *const *columns, long i, double dt, int states, int weights, int values)
  {
    step_size = columns[0][i] > 0.0 ? columns[0][i] : dt;
    refractory_left = columns[1][i];
    injected = columns[2][i];
    refractory_steps = columns[3][i];
    columns += 4;
    for (int j = 0; j < states; ++j)
      y[j] = (*columns++)[i];
    for (int j = 0; j < weights; ++j)
      arriving[j] = (*columns++)[i];
    for (int j = 0; j < values; ++j)
      p[j] = (*columns++)[i];
  }

  void store_some(double *const *columns, long i, int states, int weights) const
  {
    columns[0][i] = step_size;
    columns[1][i] = refractory_left;
    columns += 4;
    for (int j = 0; j < states; ++j)
      (*columns++)[i] = y[j];
    for (int j = 0; j < weights; ++j)
      (*columns++)[i] = 0.0;
  }
};

// Integrate a whole time step, for models that test for spikes only at its end.
template <class Model>
void integrate(Model &cell, double dt)
{
  double t = 0.0;
  while (t < dt)
    advance(cell, cell.y, &t, dt, &cell.step_size);
}

// Threshold test at the end of a step: reset the potential if the cell is refractory or has reached
// the threshold. Returns whether it fires.
template <class Model>
int fire(Model &cell, double threshold, double reset)
{
  if (cell.refractory_left > 0.0) {
    --cell.refractory_left;
    cell.y[0] = reset;
    return 0;
  }
  if (!(cell.y[0] >= threshold))
    return 0;
  cell.refractory_left = cell.refractory_steps;
  cell.y[0] = reset;
  return 1;
}

// Add the weights that arrived at the end of the last step to two variables: to exponential
// conductances as they are, and to the rise of alpha conductances multiplied by `jump`.
template <bool ALPHA, class Model>
void receive(Model &cell, int first, int jump)
{
  for (int j = 0; j < 2; ++j)
    cell.y[first + j] += ALPHA ? cell.arriving[j] * cell.p[jump + j] : cell.arriving[j];
}

inline double smaller(double a, double b) { return b < a ? b : a; }

// Leaky integrate-and-fire, with exponential or alpha conductances.
template <bool ALPHA>
struct Leaky : Cell<ALPHA ? 5 : 3, 2, ALPHA ? 12 : 10> {
  enum { V, EX, IN, RISE_EX, RISE_IN };
  enum { E_L, V_RESET, C_M, G_L, V_TH, I_E, E_EX, E_IN, TAU_EX, TAU_IN, JUMP_EX };

  void derivative(const double *y, double *f) const
  {
    const double *p = this->p;
    const bool refractory_left = this->refractory_left > 0.0;
    const double v = refractory_left ? p[V_RESET] : smaller(y[V], p[V_TH]);
    const double excitation = y[EX] * (v - p[E_EX]);
    const double inhibition = y[IN] * (v - p[E_IN]);
    const double leak = p[G_L] * (v - p[E_L]);
    if (ALPHA) {
      f[V] = refractory_left ? 0.0
                  : (-leak - excitation - inhibition + this->injected + p[I_E]) / p[C_M];
      f[RISE_EX] = -y[RISE_EX] / p[TAU_EX];
      f[EX] = y[RISE_EX] - y[EX] / p[TAU_EX];
      f[RISE_IN] = -y[RISE_IN] / p[TAU_IN];
      f[IN] = y[RISE_IN] - y[IN] / p[TAU_IN];
    } else {
      f[V] = refractory_left ? 0.0
                  : (-leak + this->injected + p[I_E] - excitation - inhibition) / p[C_M];
      f[EX] = -y[EX] / p[TAU_EX];
      f[IN] = -y[IN] / p[TAU_IN];
    }
  }

  int step(double dt)
  {
    receive<ALPHA>(*this, ALPHA ? RISE_EX : EX, JUMP_EX);
    integrate(*this, dt);
    return fire(*this, this->p[V_TH], this->p[V_RESET]);
  }
};

// Leaky integrate-and-fire with adaptation: conductances that the cell's own spikes increase.
struct Adapting : Cell<5, 2, 16> {
  enum { V, EX, IN, SFA, RR };
  enum { E_L, V_RESET, C_M, G_L, V_TH, I_E, E_EX, E_IN, TAU_EX, TAU_IN,
         TAU_SFA, E_SFA, Q_SFA, TAU_RR, E_RR, Q_RR };

  void derivative(const double *y, double *f) const
  {
    const bool is_refractory = refractory_left > 0.0;
    const double v = is_refractory ? p[V_RESET] : smaller(y[V], p[V_TH]);
    const double excitation = y[EX] * (v - p[E_EX]);
    const double inhibition = y[IN] * (v - p[E_IN]);
    const double leak = p[G_L] * (v - p[E_L]);
    const double slow = y[SFA] * (v - p[E_SFA]);
    const double fast = y[RR] * (v - p[E_RR]);
    f[V] = is_refractory ? 0.0
                   : (-leak + injected + p[I_E] - excitation - inhibition - slow - fast) / p[C_M];
    f[EX] = -y[EX] / p[TAU_EX];
    f[IN] = -y[IN] / p[TAU_IN];
    f[SFA] = -y[SFA] / p[TAU_SFA];
    f[RR] = -y[RR] / p[TAU_RR];
  }

  int step(double dt)
  {
    receive<false>(*this, EX, 0);
    integrate(*this, dt);
    const int spike = fire(*this, p[V_TH], p[V_RESET]);
    if (spike) {
      y[SFA] += p[Q_SFA];
      y[RR] += p[Q_RR];
    }
    return spike;
  }
};

// Time step of an adaptive exponential cell, which may spike after every step of the solver.
// The membrane parameters come first, in this order.
enum { A_E_L, A_V_RESET, A_C_M, A_G_L, A_V_TH, A_I_E, A_V_PEAK, A_DELTA_T, A_A, A_B, A_TAU_W };

template <class Model>
int spiking_step(Model &cell, double dt, int w)
{
  const double *p = cell.p;
  const double peak = p[A_DELTA_T] > 0.0 ? p[A_V_PEAK] : p[A_V_TH];
  int spikes = 0;
  double t = 0.0;
  while (t < dt) {
    advance(cell, cell.y, &t, dt, &cell.step_size);
    if (cell.y[0] < -1e3 || std::fabs(cell.y[w]) > 1e6)
      return UNSTABLE;
    if (cell.refractory_left > 0.0)
      cell.y[0] = p[A_V_RESET];
    else if (cell.y[0] >= peak) {
      cell.y[0] = p[A_V_RESET];
      cell.y[w] += p[A_B];
      // The rest of this step is the first refractory one.
      cell.refractory_left = cell.refractory_steps > 0.0 ? cell.refractory_steps + 1.0 : 0.0;
      ++spikes;
    }
  }
  if (cell.refractory_left > 0.0)
    --cell.refractory_left;
  return spikes > 1 ? TWO_SPIKES : spikes;
}

inline double onset(const double *p, double v)
{
  return p[A_DELTA_T] == 0.0
    ? 0.0
    : p[A_G_L] * p[A_DELTA_T] * std::exp((v - p[A_V_TH]) / p[A_DELTA_T]);
}

// Adaptive exponential integrate-and-fire, with exponential or alpha conductances.
template <bool ALPHA>
struct Exponential : Cell<ALPHA ? 6 : 4, 2, ALPHA ? 17 : 15> {
  enum { V, EX, IN, W, RISE_EX, RISE_IN };
  enum { E_EX = A_TAU_W + 1, E_IN, TAU_EX, TAU_IN, JUMP_EX };

  double absolute() const { return 1e-6; }
  double relative() const { return 1e-6; }

  void derivative(const double *y, double *f) const
  {
    const double *p = this->p;
    const bool refractory_left = this->refractory_left > 0.0;
    const double v = refractory_left ? p[A_V_RESET] : smaller(y[V], p[A_V_PEAK]);
    const double excitation = y[EX] * (v - p[E_EX]);
    const double inhibition = y[IN] * (v - p[E_IN]);
    f[V] = refractory_left ? 0.0
                : (-p[A_G_L] * (v - p[A_E_L]) + onset(p, v) - excitation - inhibition - y[W]
                   + p[A_I_E] + this->injected) / p[A_C_M];
    f[W] = (p[A_A] * (v - p[A_E_L]) - y[W]) / p[A_TAU_W];
    if (ALPHA) {
      f[RISE_EX] = -y[RISE_EX] / p[TAU_EX];
      f[EX] = y[RISE_EX] - y[EX] / p[TAU_EX];
      f[RISE_IN] = -y[RISE_IN] / p[TAU_IN];
      f[IN] = y[RISE_IN] - y[IN] / p[TAU_IN];
    } else {
      f[EX] = -y[EX] / p[TAU_EX];
      f[IN] = -y[IN] / p[TAU_IN];
    }
  }

  int step(double dt)
  {
    receive<ALPHA>(*this, ALPHA ? RISE_EX : EX, JUMP_EX);
    return spiking_step(*this, dt, W);
  }
};

// Hodgkin and Huxley's equations with the rates of Traub and Miles (1991).
struct Traub : Cell<6, 2, 13> {
  enum { V, EX, IN, M, H, N };
  enum { G_NA, G_K, G_L, C_M, E_NA, E_K, E_L, V_T, E_EX, E_IN, TAU_EX, TAU_IN, I_E };

  // slope x / (exp(x / scale) - 1), which is slope scale at x = 0
  static double linoid(double slope, double x, double scale)
  {
    return x == 0.0 ? slope * scale : slope * x / (std::exp(x / scale) - 1.0);
  }

  void derivative(const double *y, double *f) const
  {
    const double sodium = p[G_NA] * y[M] * y[M] * y[M] * y[H] * (y[V] - p[E_NA]);
    const double potassium = p[G_K] * y[N] * y[N] * y[N] * y[N] * (y[V] - p[E_K]);
    const double leak = p[G_L] * (y[V] - p[E_L]);
    const double excitation = y[EX] * (y[V] - p[E_EX]);
    const double inhibition = y[IN] * (y[V] - p[E_IN]);
    f[V] = (-sodium - potassium - leak - excitation - inhibition + injected + p[I_E]) / p[C_M];

    const double u = y[V] - p[V_T];
    const double alpha_n = linoid(0.032, 15.0 - u, 5.0);
    const double beta_n = 0.5 * std::exp((10.0 - u) / 40.0);
    const double alpha_m = linoid(0.32, 13.0 - u, 4.0);
    const double beta_m = linoid(0.28, u - 40.0, 5.0);
    const double alpha_h = 0.128 * std::exp((17.0 - u) / 18.0);
    const double beta_h = 4.0 / (1.0 + std::exp((40.0 - u) / 5.0));
    f[M] = alpha_m - (alpha_m + beta_m) * y[M];
    f[H] = alpha_h - (alpha_h + beta_h) * y[H];
    f[N] = alpha_n - (alpha_n + beta_n) * y[N];
    f[EX] = -y[EX] / p[TAU_EX];
    f[IN] = -y[IN] / p[TAU_IN];
  }

  // The cell fires when the potential has passed its peak.
  int step(double dt)
  {
    const double before = y[V];
    receive<false>(*this, EX, 0);
    integrate(*this, dt);
    if (refractory_left > 0.0) {
      --refractory_left;
      return 0;
    }
    if (!(y[V] >= p[V_T] + 30.0 && before > y[V]))
      return 0;
    refractory_left = refractory_steps;
    return 1;
  }
};

// Izhikevich (2003), by forward Euler; weights are jumps of the potential.
struct Quadratic : Cell<2, 1, 5> {
  enum { V, U };
  enum { A, B, C, D, I_E };

  int step(double dt)
  {
    const double v = y[V], u = y[U];
    y[V] += dt * (0.04 * v * v + 5.0 * v + 140.0 - u + injected + p[I_E]) + arriving[0];
    y[U] += dt * p[A] * (p[B] * v - u);
    if (!(y[V] >= 30.0))
      return 0;
    y[V] = p[C];
    y[U] = y[U] + p[D];
    return 1;
  }
};

// Leaky integrate-and-fire with delta synapses; weights that arrive in the refractory period are
// lost. Over a step, the distance from rest decays by P_VV, and the current adds P_VC times itself.
struct Delta : Cell<1, 1, 6> {
  enum { E_L, V_RESET, V_TH, I_E, PVV, PVC };

  int step(double)
  {
    if (refractory_left > 0.0) {
      --refractory_left;
      return 0;
    }
    y[0] = p[PVC] * (injected + p[I_E]) + p[PVV] * (y[0] - p[E_L]) + arriving[0] + p[E_L];
    return fire(*this, p[V_TH], p[V_RESET]);
  }
};
